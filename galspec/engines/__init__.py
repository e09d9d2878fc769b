"""What runs networks: torch, or onnxruntime from an exported graph.

An ensemble has ``run``, ``features``, ``tensors``, ``models``, ``members``, ``engine``
and ``device``, whichever engine it is of; see `galspec.engines.torch_ensemble`.
"""

__all__ = ["ENGINES"]

#: What ``pretrained(engine=)`` takes.
ENGINES = ("auto", "onnxruntime", "torch")
