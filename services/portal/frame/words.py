"""The words for roles and seats, as catalogue texts in English."""

ROLES = {
    "technician": "Technician",
    "coordinator": "CSEM coordinator",
    "credit_officer": "Credit officer",
    "cashier": "Cashier",
    "committee_member": "Credit committee member",
    "trust_fund_member": "Trust fund committee member",
    "leda_viewer": "LEDA staff",
    "planner": "Municipal planner",
    "trainer": "Trainer",
    "csr_reviewer": "CSR reviewer",
    "organization": "Delegate of a women's organization",
    "network_coordinator": "Network coordinator",
    "auditor": "Auditor",
    "admin": "Administrator",
    "service": "Service",
}
TASKS_OF_ROLES = {
    "technician": "Takes the inventory in the field and accompanies projects on site.",
    "coordinator": "Leads a CSEM: its inventory, its training groups, its credit files.",
    "credit_officer": "Receives and appraises applications, follows up loans.",
    "cashier": "Disburses loans and receives repayments.",
    "committee_member": "Votes on applications, for women's organizations, the CSEM or the LEDA.",
    "trust_fund_member": "Supervises the trust fund and the credit rules.",
    "leda_viewer": "Sees the territory and the credit of the LEDA.",
    "planner": "Sees maps and reports of a municipality, never personal data.",
    "trainer": "Forms training groups around what women need.",
    "csr_reviewer": "Reviews the diagnoses of small firms and the case stories.",
    "organization": "Sees the public figures for her organization.",
    "network_coordinator": "Sees all centres of the network.",
    "auditor": "Reads everything, changes nothing.",
    "admin": "Opens accounts, gives roles and territories, looks after the system.",
}
SEATS = {
    "women_organizations": "Women's organizations",
    "csem": "CSEM",
    "leda": "LEDA",
}
ABOUT_AREAS = {
    "/registry": "The inventory of women's enterprises, the import of field forms and the accompaniment on site.",
    "/territory": "Maps, value chains with their missing links, and the reports for municipalities.",
    "/training": "What women need, and the groups formed around it.",
    "/training/csr": "Workshops for small firms, their diagnoses and plans, and the case stories.",
    "/training/csr/report": "What small firms did with the centres, year by year.",
    "/training/community": "What the centres of the three countries ask, answer and share.",
    "/credit": "Applications, committee sessions, loans and the trust fund.",
    "/accounts": "Who may do what, and where.",
}
AREAS = {
    "registry": "Enterprises",
    "territory": "Territory",
    "training": "Training",
    "credit": "Credit",
    "portal": "System",
}
