"""Documents: papers left on the spot, their rows and what the desk reads of them."""
