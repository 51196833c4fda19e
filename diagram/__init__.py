"""Pictures of a deployment, drawn from the resources that the program itself asks for."""
