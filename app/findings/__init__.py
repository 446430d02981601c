"""What did not check and wants a person: kept until it is mended or seen."""
