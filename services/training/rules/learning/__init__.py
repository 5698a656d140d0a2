"""What was learned: questionnaires, the marks of their answers, and how large a change is and how sure."""
