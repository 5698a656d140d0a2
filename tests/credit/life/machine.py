"""The whole life of a fund, tried by everybody in any order.

A transition is a rule of one `attempt`: it is done, or it is refused and has changed nothing. After every step the oracle
looks at the stored rows. `REACHED` counts what was done and what was refused, by kind, so that one sees what a run of the
machine says something about.
"""

from tests.credit.life.asking import Asking
from tests.credit.life.changing import Changing
from tests.credit.life.deciding import Deciding
from tests.credit.life.paying import Paying
from tests.credit.life.run import when


class Life(Asking, Deciding, Paying, Changing):
    """Every rule there is; what leads to money leaving a fund is tried more often than the rest."""

    approve_1, approve_2 = when("sits")(Deciding.everybody_approves), when("sits")(Deciding.everybody_approves)
    close_1, vote_1, vote_2 = when("sits")(Deciding.close), when("sits")(Deciding.vote), when("sits")(Deciding.vote)
    recuse_1, come_and_go_1 = when("sits")(Deciding.recuse), when("sits")(Deciding.come_and_go)
    end_1 = when("sits")(Deciding.end_session)
    open_1, open_2 = when("called")(Deciding.open_the_session), when("called")(Deciding.open_the_session)
    disburse_1, disburse_2 = when("approved")(Paying.disburse), when("approved")(Paying.disburse)
    meet_1, meet_2 = when("asked")(Asking.meet), when("asked")(Asking.meet)
    repay_1, repay_2 = when("lent")(Paying.repay), when("lent")(Paying.repay)
    carry_out_1, carry_out_2 = when("changes")(Changing.carry_out), when("changes")(Changing.carry_out)
    assent_1, assent_2 = when("waits")(Changing.assent), when("waits")(Changing.assent)
    carry_out_3, assent_3 = when("changes")(Changing.carry_out), when("waits")(Changing.assent)
    disburse_3, disburse_4 = when("approved")(Paying.disburse), when("approved")(Paying.disburse)
    hand_out_1, hand_out_2 = when("in_parts")(Changing.hand_out), when("in_parts")(Changing.hand_out)
    pay_share_1, held_1 = when("shared")(Paying.pay_share), when("held")(Paying.pay_with_what_is_held)
    reverse_1, refund_1 = when("paid")(Paying.reverse), when("held")(Paying.refund)
