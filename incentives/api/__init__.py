"""The API of incentives: plans and their versions, assignments, runs, statements, journals."""
