"""A loopback server of the OpenAI protocol that answers as the surrogate. No language model."""
