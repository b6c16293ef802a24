"""What people say of problems, and who is told of them: who has one, what is silenced, notices."""
