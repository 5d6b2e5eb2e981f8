"""The expense of commissions: which pay is capitalised, over which days it is expensed, and what stands at a month's end."""
