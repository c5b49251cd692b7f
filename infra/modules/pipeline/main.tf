# From a commit to servers: checked, built, scanned, migrated, looked at by a person where that is wanted,
# and brought by CodeDeploy.

data "aws_caller_identity" "this" {}

locals {
  amazon = "aws/codebuild/amazonlinux-aarch64-standard:3.0"

  projects = {
    check   = { buildspec = "infra/buildspecs/check.yml", docker = false, minutes = 90, compute = "BUILD_GENERAL1_LARGE", on = "public.ecr.aws/docker/library/debian:bookworm" }
    image   = { buildspec = "infra/buildspecs/image.yml", docker = true, minutes = 60, compute = "BUILD_GENERAL1_MEDIUM", on = local.amazon }
    migrate = { buildspec = "infra/buildspecs/migrate.yml", docker = false, minutes = 60, compute = "BUILD_GENERAL1_SMALL", on = local.amazon }
  }
  variables = {
    REPOSITORY     = var.repository.url
    PYTHON         = var.python_image
    FAMILY         = var.server_family
    CLUSTER        = var.cluster.name
    JOB            = var.migrate.family
    SUBNETS        = join(",", var.subnet_ids)
    SECURITY_GROUP = var.job_security_group_id
  }
  own_logs = "arn:aws:logs:${var.region}:${data.aws_caller_identity.this.account_id}:log-group:/${var.name}/build/*"
  families = [for family in [var.server_family, var.migrate.family] :
    "arn:aws:ecs:${var.region}:${data.aws_caller_identity.this.account_id}:task-definition/${family}:*"
  ]
  ours = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.this.account_id } }
}

# Asked for once by Terraform, and confirmed once by a person in the console.
resource "aws_codestarconnections_connection" "this" {
  name          = var.name
  provider_type = "GitHub"
}

resource "aws_s3_bucket" "artifacts" {
  #checkov:skip=CKV_AWS_144:artifacts are made anew from the same commit
  #checkov:skip=CKV_AWS_18:pipeline's own, no person's data; CloudTrail tells who has their key open one
  bucket        = "${var.bucket_name}-artifacts"
  force_destroy = true
}

resource "aws_s3_bucket_versioning" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_public_access_block" "artifacts" {
  bucket                  = aws_s3_bucket.artifacts.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = var.key_arn
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id
  rule {
    id     = "old"
    status = "Enabled"
    filter {
      prefix = ""
    }
    expiration {
      days = 90
    }
    noncurrent_version_expiration {
      noncurrent_days = 7
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

resource "aws_s3_bucket_policy" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Nothing in plain"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.artifacts.arn, "${aws_s3_bucket.artifacts.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}

resource "aws_cloudwatch_log_group" "build" {
  for_each = local.projects

  name              = "/${var.name}/build/${each.key}"
  retention_in_days = 365
  kms_key_id        = var.log_key_arn
}

resource "aws_codebuild_project" "this" {
  for_each = local.projects

  name           = "${var.name}-${each.key}"
  description    = "See ${each.value.buildspec}"
  service_role   = aws_iam_role.build[each.key].arn
  build_timeout  = each.value.minutes
  encryption_key = var.key_arn

  source {
    type      = "CODEPIPELINE"
    buildspec = each.value.buildspec
  }

  artifacts {
    type = "CODEPIPELINE"
  }

  environment {
    type         = "ARM_CONTAINER" # as what runs, so that what is tested is what runs
    compute_type = each.value.compute
    image        = each.value.on
    #checkov:skip=CKV_AWS_316:building an image takes Docker, and that takes privileges; the others have none
    privileged_mode = each.value.docker

    dynamic "environment_variable" {
      for_each = each.key == "check" ? {} : local.variables
      content {
        name  = environment_variable.key
        value = environment_variable.value
      }
    }
  }

  logs_config {
    cloudwatch_logs {
      group_name = aws_cloudwatch_log_group.build[each.key].name
    }
  }
}

resource "aws_codepipeline" "this" {
  name           = var.name
  role_arn       = aws_iam_role.pipeline.arn
  pipeline_type  = "V2"
  execution_mode = "QUEUED"

  artifact_store {
    type     = "S3"
    location = aws_s3_bucket.artifacts.id
    encryption_key {
      type = "KMS"
      id   = var.key_arn
    }
  }

  stage {
    name = "Source"
    action {
      name             = "Source"
      category         = "Source"
      owner            = "AWS"
      provider         = "CodeStarSourceConnection"
      version          = "1"
      output_artifacts = ["source"]
      configuration = {
        ConnectionArn        = aws_codestarconnections_connection.this.arn
        FullRepositoryId     = var.source_repository
        BranchName           = var.branch
        OutputArtifactFormat = "CODEBUILD_CLONE_REF" # with its history: the schema is compared with it
      }
    }
  }

  stage {
    name = "Check"
    action {
      name            = "Check"
      category        = "Test"
      owner           = "AWS"
      provider        = "CodeBuild"
      version         = "1"
      input_artifacts = ["source"]
      configuration   = { ProjectName = aws_codebuild_project.this["check"].name }
    }
  }

  stage {
    name = "Image"
    action {
      name             = "Image"
      category         = "Build"
      owner            = "AWS"
      provider         = "CodeBuild"
      version          = "1"
      input_artifacts  = ["source"]
      output_artifacts = ["image"]
      configuration    = { ProjectName = aws_codebuild_project.this["image"].name }
    }
  }

  dynamic "stage" {
    for_each = var.approval ? ["Approve"] : []
    content {
      name = stage.value
      action {
        name     = "Approve"
        category = "Approval"
        owner    = "AWS"
        provider = "Manual"
        version  = "1"
        configuration = {
          NotificationArn = var.topic_arn
          CustomData      = "To production? What changed is in the commit; how it was checked, in the stage before."
        }
      }
    }
  }

  stage {
    name = "Deploy"
    action {
      name            = "Migrate"
      category        = "Build"
      owner           = "AWS"
      provider        = "CodeBuild"
      version         = "1"
      run_order       = 1
      input_artifacts = ["source", "image"]
      configuration = {
        ProjectName   = aws_codebuild_project.this["migrate"].name
        PrimarySource = "source"
      }
    }
    action {
      name            = "Servers"
      category        = "Deploy"
      owner           = "AWS"
      provider        = "CodeDeployToECS"
      version         = "1"
      run_order       = 2
      input_artifacts = ["image"]
      configuration = {
        ApplicationName                = var.codedeploy.app
        DeploymentGroupName            = var.codedeploy.group
        TaskDefinitionTemplateArtifact = "image"
        TaskDefinitionTemplatePath     = "taskdef.json"
        AppSpecTemplateArtifact        = "image"
        AppSpecTemplatePath            = "appspec.yaml"
      }
    }
  }
}

resource "aws_cloudwatch_event_rule" "failed" {
  name        = "${var.name}-pipeline-failed"
  description = "A stage of the pipeline failed"
  event_pattern = jsonencode({
    source      = ["aws.codepipeline"]
    detail-type = ["CodePipeline Pipeline Execution State Change"]
    detail      = { pipeline = [aws_codepipeline.this.name], state = ["FAILED"] }
  })
}

resource "aws_cloudwatch_event_target" "failed" {
  rule = aws_cloudwatch_event_rule.failed.name
  arn  = var.topic_arn
}
