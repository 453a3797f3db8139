"""Distillation of HoVer-Net into a U-Net with a Mix Vision Transformer encoder: data, teacher, student, ONNX export."""

import os

# ONNX Runtime reports its use by default; set before anything imports it.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
