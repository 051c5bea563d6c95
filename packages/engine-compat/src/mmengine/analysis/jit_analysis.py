"""Names of MMEngine's `mmengine.analysis.jit_analysis`, from engine_runner.analysis."""

from engine_runner.analysis.analyzer import ModelAnalyzer

__all__ = ["JitModelAnalysis"]

JitModelAnalysis = ModelAnalyzer
