"""Photos: parts taken in, checked and kept, and the pictures made from them."""
