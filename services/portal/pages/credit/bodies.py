"""The words for the bodies of a fund, and for what they watch."""

from services.portal.pages.credit.area import CONSTITUENCIES

COMMITTEES = {"credit": "Credit Committee", "trust_fund": "Trust Fund Committee"}
SENDERS = CONSTITUENCIES | {"trustee": "Trustee", "funder": "Funder"}
"""For whom a member sits; the last two in the Trust Fund Committee only."""
ANSWERS = {"coming": ("She comes", "good"), "excused": ("She is excused", "warn")}
ATTEMPTS = {
    "segregation.appraiser_votes": "Vote on what she had appraised",
    "segregation.interested_votes": "Vote on the credit of somebody close to her",
    "segregation.appraiser_assents": "Give the assent to what she had appraised",
    "segregation.voter_assents": "Give the assent to what she had voted on",
    "segregation.interested_assents": "Give the assent to the credit of somebody close to her",
    "segregation.voter_disburses": "Pay out what she had voted on",
    "segregation.assenter_disburses": "Pay out what she had given the assent to",
    "segregation.voter_carries_out": "Carry out a change that she had voted on",
    "segregation.disburser_collects": "Take or reverse a payment of what she had paid out",
    "segregation.collector_reverses": "Reverse a payment that she had taken",
    "segregation.collector_refunds": "Give back an overpayment that she had taken",
    "segregation.collector_changes": "Change a loan of which she had taken payments, or pay more of it out",
    "segregation.verifier_pays": "Pay a part after she had verified one",
    "segregation.payer_verifies": "Verify a part that she had paid",
    "segregation.shower_verifies": "Verify a part that she had shown",
    "segregation.reporter_closes": "Close an award on which she had reported",
    "segregation.suspender_resumes": "Let a fund lend again that she had suspended herself",
}
