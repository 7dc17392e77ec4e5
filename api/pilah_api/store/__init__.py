"""What is kept, and the only SQL of the project: SQLite in the data folder by default, PostgreSQL by URL."""
