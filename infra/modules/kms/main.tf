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

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_kms_alias" "this" {
  region        = var.region
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.this.key_id
}
