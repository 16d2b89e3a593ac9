"""Diagnoses ECS Exec: gathers facts about a task, runs checks, plans fixes, simulates access."""
