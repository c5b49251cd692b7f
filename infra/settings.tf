# What a container is told (docs/operations.md, Settings). A test holds every name against those that the
# server reads.

locals {
  drain_seconds = 10
  sender        = "nao-responda@${var.domain}"
  chime_region  = "us-east-1"
  roots         = "sslmode=verify-full&sslrootcert=/app/certificates/rds-roots.pem"

  secrets = merge({
    keys                  = "Keys that sign tokens (HEALTHMED_KEYS): new-keys --kms"
    links-private-key     = "RSA key that signs links to documents, PEM (HEALTHMED_CLOUDFRONT_PRIVATE_KEY)"
    smtp-url              = "SES's SMTP server with user and password (HEALTHMED_SMTP_URL)"
    cognito-client-secret = "Of the app client (HEALTHMED_COGNITO_CLIENT_SECRET), set by Terraform"
    }, { for kind, url in var.registries : "${kind}-registry-token" => "Our token at the registry of ${kind}" },
    var.signs_papers ? { signature-roots = "Certificates of ICP-Brasil, PEM (HEALTHMED_SIGNATURE_ROOTS_PEM); no secret" } : {},
  )

  common = {
    HEALTHMED_ENVIRONMENT = "production"
    HEALTHMED_LOG         = "json"
    HEALTHMED_KMS_KEY_ID  = local.seal_key
    AWS_DEFAULT_REGION    = var.region
  }

  # Servers go by a role that owns nothing, and has no password.
  server_environment = merge(local.common, {
    HEALTHMED_DATABASE_URL                    = "postgresql://healthmed_app@${module.database.address}:5432/healthmed?${local.roots}"
    HEALTHMED_DATABASE_IAM                    = "true"
    HEALTHMED_DATABASE_CONNECTIONS            = tostring(var.servers.connections)
    HEALTHMED_VALKEY_URL                      = module.cache.url
    HEALTHMED_VALKEY_IAM_CACHE                = module.cache.id
    HEALTHMED_PUBLIC_URL                      = "https://${var.domain}"
    HEALTHMED_MAIL_FROM                       = "Health&Med <${local.sender}>"
    HEALTHMED_S3_BUCKET                       = module.storage.documents.name
    HEALTHMED_S3_REGION                       = var.region
    HEALTHMED_S3_KMS_KEY_ID                   = module.key["documents"].arn
    HEALTHMED_CLOUDFRONT_URL                  = "https://${module.dns.hosts.files}"
    HEALTHMED_CLOUDFRONT_KEY_PAIR_ID          = module.cdn.key_pair_id
    HEALTHMED_CLAMAV                          = module.scanner.address
    HEALTHMED_IDENTITY_PROVIDER               = "cognito"
    HEALTHMED_COGNITO_POOL_ID                 = module.identity.pool_id
    HEALTHMED_COGNITO_CLIENT_ID               = module.identity.client_id
    HEALTHMED_MEETINGS                        = var.meetings
    HEALTHMED_CHIME_REGION                    = local.chime_region
    HEALTHMED_CHIME_MEDIA_REGION              = var.region
    HEALTHMED_METRICS_PORT                    = "9464"
    HEALTHMED_TRANSPORT__DRAIN_SECONDS        = tostring(local.drain_seconds)
    HEALTHMED_TRANSPORT__DRAIN_NOTICE_SECONDS = "0" # ECS has told the balancer before it sends SIGTERM
    # Whose X-Forwarded-For is believed: the balancer's, and CloudFront's, whom the balancer names.
    FORWARDED_ALLOW_IPS         = join(",", concat([module.network.cidr], [for entry in data.aws_ec2_managed_prefix_list.cloudfront.entries : entry.cidr]))
    OTEL_EXPORTER_OTLP_ENDPOINT = "http://127.0.0.1:4318"
    OTEL_SERVICE_NAME           = local.name
    OTEL_TRACES_SAMPLER         = "traceidratio" # a client does not decide that he is traced
    OTEL_TRACES_SAMPLER_ARG     = "0.05"
    }, { for kind, url in var.registries : "HEALTHMED_${upper(kind)}_REGISTRY_URL" => url },
    # Searches are asked of the first replica, while it is near.
    var.database.replicas == 0 ? {} : {
      HEALTHMED_REPLICA_URL = "postgresql://healthmed_app@${module.database.replica_addresses[0]}:5432/healthmed?${local.roots}"
    }
  )

  server_secrets = merge({
    HEALTHMED_KEYS                   = module.secrets.arns["keys"]
    HEALTHMED_CLOUDFRONT_PRIVATE_KEY = module.secrets.arns["links-private-key"]
    HEALTHMED_SMTP_URL               = module.secrets.arns["smtp-url"]
    HEALTHMED_COGNITO_CLIENT_SECRET  = module.secrets.arns["cognito-client-secret"]
    }, { for kind, url in var.registries : "HEALTHMED_${upper(kind)}_REGISTRY_TOKEN" => module.secrets.arns["${kind}-registry-token"] },
    var.signs_papers ? { HEALTHMED_SIGNATURE_ROOTS_PEM = module.secrets.arns["signature-roots"] } : {},
  )

  seal = {
    Sid      = "UnwrapDataKeys"
    Effect   = "Allow"
    Action   = ["kms:Encrypt", "kms:Decrypt"]
    Resource = [local.seal_key]
  }

  server_statements = concat([
    local.seal,
    {
      Sid      = "SignInToTheDatabase"
      Effect   = "Allow"
      Action   = ["rds-db:connect"]
      Resource = [for id in concat([module.database.resource_id], module.database.replica_resource_ids) : "arn:aws:rds-db:${var.region}:${data.aws_caller_identity.this.account_id}:dbuser:${id}/healthmed_app"]
    },
    {
      Sid      = "SignInToTheCache"
      Effect   = "Allow"
      Action   = ["elasticache:Connect"]
      Resource = [module.cache.arn, module.cache.user_arn]
    },
    {
      Sid      = "Documents"
      Effect   = "Allow"
      Action   = ["s3:PutObject", "s3:GetObject", "s3:GetObjectVersion", "s3:DeleteObjectVersion", "s3:AbortMultipartUpload"]
      Resource = ["${module.storage.documents.arn}/*"]
    },
    {
      Sid      = "WhatIsThere"
      Effect   = "Allow"
      Action   = ["s3:ListBucket", "s3:ListBucketVersions"]
      Resource = [module.storage.documents.arn]
    },
    {
      Sid      = "EncryptDocuments"
      Effect   = "Allow"
      Action   = ["kms:GenerateDataKey", "kms:Decrypt"]
      Resource = [module.key["documents"].arn]
    },
    module.identity.statement,
  ], var.meetings == "chime" ? module.meetings.statements : [])
}
