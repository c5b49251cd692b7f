terraform {
  required_version = ">= 1.11"

  # The state holds one secret (docs/aws.md): encrypted, versioned, and nobody's but administrators'.
  backend "s3" {
    key          = "production/terraform.tfstate"
    encrypt      = true
    use_lockfile = true
    # bucket, region, kms_key_id: by -backend-config, see docs/aws.md
  }

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "6.69.1"
    }
  }
}

provider "aws" {
  region              = "sa-east-1"
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = { System = "healthmed", Environment = "production", ManagedBy = "terraform" }
  }
}
