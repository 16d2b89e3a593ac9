"""AWS: profiles, clients, the call budget, errors. Functions return model objects only."""
