"""The siege: strangers and customers from fifty addresses do everything at once that once stopped or filled a server, beside
twenty people who only want to work. `attacks` holds what they do, `attackers` runs it in a process of its own, `people` are those who
work, `resets` cuts the links to PostgreSQL, `watch` looks at the server's memory."""
