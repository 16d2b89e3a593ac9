"""A demo AWS account on this machine: moto with additions, and local shells for exec sessions."""
