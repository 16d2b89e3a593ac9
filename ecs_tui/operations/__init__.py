"""Everything that can be changed in AWS, as plans: what will happen, the calls, how it is followed."""
