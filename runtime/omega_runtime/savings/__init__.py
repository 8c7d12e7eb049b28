"""Ways to spend less: policies, cached answers, shorter prompts, and the ladder of models."""
