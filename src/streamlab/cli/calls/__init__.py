"""What each command takes and says of itself. A body is imported when it is called."""
