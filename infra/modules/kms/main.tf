# One key for one purpose. Who may use it is said by IAM, by services in their own name, and nowhere
# else: the account's root may manage it, so that nobody is ever locked out.

data "aws_caller_identity" "this" {}

locals {
  services = [for principal in var.services : {
    Sid       = "Use by ${principal}"
    Effect    = "Allow"
    Principal = { Service = principal }
    Action = [
      "kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey",
      "kms:GenerateDataKeyWithoutPlaintext", "kms:DescribeKey",
    ]
    Resource  = "*"
    Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.this.account_id } }
  }]

  # These two name no account.
  plain = [for principal in var.plain_services : {
    Sid       = "Use by ${principal}"
    Effect    = "Allow"
    Principal = { Service = principal }
    Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey", "kms:DescribeKey"]
    Resource  = "*"
  }]

  # CloudFront names the distribution and not the account.
  links = var.cloudfront ? [{
    Sid       = "Read by CloudFront"
    Effect    = "Allow"
    Principal = { Service = "cloudfront.amazonaws.com" }
    Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
    Resource  = "*"
    Condition = { ArnLike = { "aws:SourceArn" = "arn:aws:cloudfront::${data.aws_caller_identity.this.account_id}:distribution/*" } }
  }] : []
}

resource "aws_kms_key" "this" {
  region                  = var.region
  description             = var.description
  deletion_window_in_days = 30
  enable_key_rotation     = true
  multi_region            = var.copy_region != null
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([{
      Sid       = "IAM decides"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.this.account_id}:root" }
      Action    = "kms:*"
      Resource  = "*"
    }], local.services, local.plain, local.links)
  })
}

# The same key elsewhere: what it has encrypted opens there, too.
resource "aws_kms_replica_key" "this" {
  count = var.copy_region == null ? 0 : 1

  region                  = var.copy_region
  description             = "${var.description}, copy"
  primary_key_arn         = aws_kms_key.this.arn
  deletion_window_in_days = 30
}

resource "aws_kms_alias" "this" {
  region        = var.region
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.this.key_id
}
