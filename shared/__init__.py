"""What two services use today and would be wrong to differ in."""
