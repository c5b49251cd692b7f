# What a container does once and ends. The owner's password comes from where RDS keeps it, each time.
# What asks a person (administrators) is done from a shell inside the VPC: docs/aws.md.

locals {
  owner_environment = merge(local.common, {
    HEALTHMED_DATABASE_URL = "postgresql://healthmed_owner@${module.database.address}:5432/healthmed?${local.roots}"
  })
  owner_secrets = {
    PGPASSWORD     = "${module.database.owner_secret_arn}:password::"
    HEALTHMED_KEYS = module.secrets.arns["keys"]
  }

  jobs = {
    migrate = {
      description = "Before each release, by the pipeline"
      when        = null
      command     = ["migrate"]
      cpu         = 512
      memory      = 1024
      environment = local.owner_environment
      secrets     = { PGPASSWORD = local.owner_secrets.PGPASSWORD }
      statements  = []
    }
    verify-log = {
      description = "Prove the access log of every record, and publish its heads where nobody deletes them"
      when        = "cron(0 3 * * ? *)"
      command     = ["verify-log", "--publish", "s3"]
      cpu         = 1024
      memory      = 2048
      environment = merge(local.owner_environment, {
        HEALTHMED_S3_BUCKET     = module.storage.heads.name
        HEALTHMED_S3_REGION     = var.region
        HEALTHMED_S3_KMS_KEY_ID = module.key["documents"].arn
      })
      secrets = local.owner_secrets
      statements = [
        local.seal,
        {
          Sid      = "PublishHeads"
          Effect   = "Allow"
          Action   = ["s3:PutObject", "s3:AbortMultipartUpload"]
          Resource = ["${module.storage.heads.arn}/heads/*"]
        },
        {
          Sid      = "EncryptThem"
          Effect   = "Allow"
          Action   = ["kms:GenerateDataKey", "kms:Decrypt"]
          Resource = [module.key["documents"].arn]
        },
      ]
    }
    reseal = {
      description = "Seal personal data under a new key"
      when        = "cron(0 2 15 1 ? *)"
      command     = ["reseal"]
      cpu         = 1024
      memory      = 2048
      environment = local.owner_environment
      secrets     = local.owner_secrets
      statements  = [local.seal]
    }
    rotate-secret = {
      description = "Sign with a new key; the pipeline starts the servers again an hour later"
      when        = "cron(0 3 1 1,4,7,10 ? *)"
      command     = ["rotate-secret", module.secrets.arns["keys"]]
      cpu         = 256
      memory      = 512
      environment = { AWS_DEFAULT_REGION = var.region }
      secrets     = {}
      statements = [
        {
          Sid      = "RenewSigningKeys"
          Effect   = "Allow"
          Action   = ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"]
          Resource = [module.secrets.arns["keys"]]
        },
        {
          Sid      = "OpenTheSecret"
          Effect   = "Allow"
          Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
          Resource = [module.key["secrets"].arn]
        },
      ]
    }
  }
}
