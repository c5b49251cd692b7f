# Places for secrets. What is in them never comes near Terraform or its state: operators put it there
# (docs/operations.md), and `rotate-secret` renews the signing keys.

resource "aws_secretsmanager_secret" "this" {
  for_each = var.secrets

  #checkov:skip=CKV2_AWS_57:signing keys are rotated by the server's own command, by a schedule; the others are given by partners and renewed with them
  name                    = "${var.name}/${each.key}"
  description             = each.value
  kms_key_id              = var.key_arn
  recovery_window_in_days = 30

  dynamic "replica" {
    for_each = var.replica_region == null ? [] : [var.replica_region]
    content {
      region     = replica.value
      kms_key_id = var.replica_key_arn
    }
  }
}

# Nobody from outside this account, whatever their own policies say.
resource "aws_secretsmanager_secret_policy" "this" {
  for_each = aws_secretsmanager_secret.this

  secret_arn          = each.value.arn
  block_public_policy = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "This account alone"
      Effect    = "Deny"
      Principal = "*"
      Action    = "secretsmanager:GetSecretValue"
      Resource  = each.value.arn
      Condition = { StringNotEquals = { "aws:PrincipalAccount" = data.aws_caller_identity.this.account_id } }
    }]
  })
}

data "aws_caller_identity" "this" {}
