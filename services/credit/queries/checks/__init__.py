"""What the monthly report of compliance checks, by what a check looks at."""
