"""Distillation of HoVer-Net into a U-Net with a Mix Vision Transformer encoder: data, teacher, student, ONNX export."""
