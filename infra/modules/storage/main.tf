# Where files are: documents of patients, a copy of them in another region, the heads of the access
# log that nobody can delete, and logs. The rules are those of persistence/bucket.py, and a test holds
# the two together.

data "aws_caller_identity" "this" {}

locals {
  kept = {
    documents = aws_s3_bucket.documents
    heads     = aws_s3_bucket.heads
    logs      = aws_s3_bucket.logs
  }
  insecure = {
    for name, bucket in local.kept : name => {
      Sid       = "Nothing in plain"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [bucket.arn, "${bucket.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }
  }
  old_tls = {
    for name, bucket in local.kept : name => {
      Sid       = "Nothing by an old TLS"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [bucket.arn, "${bucket.arn}/*"]
      Condition = { NumericLessThan = { "s3:TlsVersion" = "1.2" } }
    }
  }
}

resource "aws_s3_bucket" "documents" {
  #checkov:skip=CKV_AWS_144:replica.tf copies it; checkov does not follow
  bucket        = "${var.name}-documents"
  force_destroy = false
}

resource "aws_s3_bucket" "heads" {
  #checkov:skip=CKV_AWS_144:heads prove entries of the database, which is backed up in two regions; a lost head costs one night of proof
  bucket              = "${var.name}-heads"
  object_lock_enabled = true
  force_destroy       = false
}

resource "aws_s3_bucket" "logs" {
  #checkov:skip=CKV_AWS_144:logs are kept for a year and nobody's record
  #checkov:skip=CKV_AWS_145:S3 and balancers deliver logs to SSE-S3 alone
  #checkov:skip=CKV_AWS_18:this is where access logs go
  bucket        = "${var.name}-logs"
  force_destroy = false
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = local.kept

  bucket = each.value.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = local.kept

  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  for_each = local.kept

  bucket = each.value.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = { for name, bucket in local.kept : name => bucket if name != "logs" }

  bucket = each.value.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = var.key_arn
    }
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_cors_configuration" "documents" {
  bucket = aws_s3_bucket.documents.id
  cors_rule {
    allowed_origins = [var.page_origin]
    allowed_methods = ["GET", "POST"]
    allowed_headers = ["*"]
    expose_headers  = ["ETag"]
    max_age_seconds = 3600
  }
}

# No rule deletes a version outside exports/: a row may name it.
resource "aws_s3_bucket_lifecycle_configuration" "documents" {
  bucket = aws_s3_bucket.documents.id

  rule {
    id     = "unfinished uploads"
    status = "Enabled"
    filter {
      prefix = ""
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  rule {
    id     = "exports"
    status = "Enabled"
    filter {
      prefix = "exports/"
    }
    expiration {
      days = 7
    }
    noncurrent_version_expiration {
      noncurrent_days = 1
    }
  }

  # Records are kept for twenty years and read in their first weeks. Reading stays as fast.
  rule {
    id     = "old records"
    status = "Enabled"
    filter {
      object_size_greater_than = 131072
    }
    transition {
      days          = 90
      storage_class = "GLACIER_IR"
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "heads" {
  bucket = aws_s3_bucket.heads.id

  rule {
    id     = "unfinished uploads"
    status = "Enabled"
    filter {
      prefix = ""
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id

  rule {
    id     = "old logs"
    status = "Enabled"
    filter {
      prefix = ""
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
    expiration {
      days = var.log_days
    }
    noncurrent_version_expiration {
      noncurrent_days = 30
    }
  }
}

# Not even the account's root deletes one, or shortens it.
resource "aws_s3_bucket_object_lock_configuration" "heads" {
  bucket = aws_s3_bucket.heads.id
  rule {
    default_retention {
      mode  = "COMPLIANCE"
      years = var.heads_years
    }
  }
}

resource "aws_s3_bucket_logging" "this" {
  for_each = { for name, bucket in local.kept : name => bucket if name != "logs" }

  bucket        = each.value.id
  target_bucket = aws_s3_bucket.logs.id
  target_prefix = "s3/${each.key}/"
}

resource "aws_s3_bucket_policy" "documents" {
  bucket = aws_s3_bucket.documents.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [local.insecure.documents, local.old_tls.documents, {
      Sid       = "Links go through CloudFront"
      Effect    = "Allow"
      Principal = { Service = "cloudfront.amazonaws.com" }
      Action    = ["s3:GetObject", "s3:GetObjectVersion"]
      Resource  = "${aws_s3_bucket.documents.arn}/*"
      Condition = { StringEquals = { "aws:SourceArn" = var.distribution_arn } }
    }]
  })
}

resource "aws_s3_bucket_policy" "heads" {
  bucket = aws_s3_bucket.heads.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [local.insecure.heads, local.old_tls.heads]
  })
}

resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [local.insecure.logs, local.old_tls.logs, {
      Sid       = "Deliver logs"
      Effect    = "Allow"
      Principal = { Service = ["logging.s3.amazonaws.com", "logdelivery.elasticloadbalancing.amazonaws.com", "delivery.logs.amazonaws.com"] }
      Action    = "s3:PutObject"
      Resource  = "${aws_s3_bucket.logs.arn}/*"
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.this.account_id } }
    }]
  })
}
