"""Questions to the database, by who asks them. Each says how many statements it costs when that matters."""
