"""Search: an index beside the database, one analyzer for texts and questions, and what is found."""
