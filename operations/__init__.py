"""What the operator of a stack runs beside Pulumi."""
