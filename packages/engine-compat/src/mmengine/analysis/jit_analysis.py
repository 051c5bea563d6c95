"""Names of MMEngine's `mmengine.analysis.jit_analysis`, from engine_model.analysis."""

from engine_model.analysis.analyzer import ModelAnalyzer

__all__ = ["JitModelAnalysis"]

JitModelAnalysis = ModelAnalyzer
