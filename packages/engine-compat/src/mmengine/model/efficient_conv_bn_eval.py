"""Names of MMEngine's `mmengine.model.efficient_conv_bn_eval`."""

from engine_model.efficient_conv_bn_eval import (
    turn_on_efficient_conv_bn_eval,
    turn_on_efficient_conv_bn_eval_for_single_model,
)

__all__ = ["turn_on_efficient_conv_bn_eval", "turn_on_efficient_conv_bn_eval_for_single_model"]
