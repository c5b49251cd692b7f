# The Amazon Chime SDK has nothing to be made beforehand: a server asks for a meeting when somebody joins
# (docs/decisions/0043). So this is what it may ask, and nothing else.

data "aws_caller_identity" "this" {}

locals {
  meetings = "arn:aws:chime:${var.control_region}:${data.aws_caller_identity.this.account_id}:meeting/*"
}
