"""What the codes of tests and surveys are called."""

MOMENTS = {"before": "Before the training", "after": "At its end", "later": "Months after it"}
PURPOSES = {"knowledge": "Test of knowledge", "perception": "Survey of perceptions", "satisfaction": "Satisfaction"}
SHEET_STATES = {"untouched": "Not begun", "begun": "Begun", "handed_in": "Answers handed in"}
STEPS = {"1": "Not at all", "2": "Rather not", "3": "Partly", "4": "I agree", "5": "I wholly agree"}
"""Of agreement, as she reads them."""

LEVELS = {
    "reaction": "1. Reaction: what they say of the training",
    "learning": "2. Learning: what they know and think",
    "behaviour": "3. Behaviour: what they do months later",
}
MEASURES = {"jobs": "Jobs, mean", "formal": "Formal enterprises", "loan": "Had a loan of the fund"}
