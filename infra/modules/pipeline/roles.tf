# What each part of the pipeline may do.

locals {
  artifacts = [
    {
      Sid      = "Artifacts"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
      Resource = ["${aws_s3_bucket.artifacts.arn}/*"]
    },
    {
      Sid      = "TheirBucket"
      Effect   = "Allow"
      Action   = ["s3:GetBucketVersioning", "s3:GetBucketLocation", "s3:GetBucketAcl"]
      Resource = [aws_s3_bucket.artifacts.arn]
    },
    {
      Sid      = "TheirKey"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:DescribeKey"]
      Resource = [var.key_arn]
    },
  ]
  logs = [{
    Sid      = "Logs"
    Effect   = "Allow"
    Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    Resource = [local.own_logs]
  }]
  clone = [{
    Sid      = "Clone"
    Effect   = "Allow"
    Action   = ["codeconnections:UseConnection", "codestar-connections:UseConnection"]
    Resource = [aws_codestarconnections_connection.this.arn]
  }]
  describe = {
    # ECS knows no resource for this one.
    Sid      = "LookAtTaskDefinitions"
    Effect   = "Allow"
    Action   = ["ecs:DescribeTaskDefinition"]
    Resource = ["*"]
  }

  work = {
    check = []
    image = [
      {
        # ECR knows no resource for this one.
        Sid      = "SignIn"
        Effect   = "Allow"
        Action   = ["ecr:GetAuthorizationToken"]
        Resource = ["*"]
      },
      {
        Sid    = "Push"
        Effect = "Allow"
        Action = [
          "ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage", "ecr:PutImage",
          "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:DescribeImages",
          "ecr:DescribeImageScanFindings",
        ]
        Resource = [var.repository.arn]
      },
      {
        # Inspector's findings have no ARN that would be known beforehand.
        Sid      = "Scanned"
        Effect   = "Allow"
        Action   = ["inspector2:ListFindings"]
        Resource = ["*"]
      },
      local.describe,
    ]
    migrate = [
      local.describe,
      {
        Sid      = "Register"
        Effect   = "Allow"
        Action   = ["ecs:RegisterTaskDefinition"]
        Resource = local.families
      },
      {
        Sid       = "Run"
        Effect    = "Allow"
        Action    = ["ecs:RunTask"]
        Resource  = local.families
        Condition = { ArnEquals = { "ecs:cluster" = var.cluster.arn } }
      },
      {
        Sid       = "Watch"
        Effect    = "Allow"
        Action    = ["ecs:DescribeTasks"]
        Resource  = ["*"]
        Condition = { ArnEquals = { "ecs:cluster" = var.cluster.arn } }
      },
      {
        Sid       = "Hand"
        Effect    = "Allow"
        Action    = ["iam:PassRole"]
        Resource  = [var.execution_role_arn, var.migrate.role_arn]
        Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
      },
    ]
  }
}

resource "aws_iam_role" "build" {
  for_each = local.projects

  name                 = "${var.name}-build-${each.key}"
  permissions_boundary = var.boundary_arn
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "codebuild.amazonaws.com" }
      Condition = local.ours
    }]
  })
}

resource "aws_iam_role_policy" "build" {
  for_each = local.projects

  name = "its-work"
  role = aws_iam_role.build[each.key].id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(local.artifacts, local.logs, local.clone, local.work[each.key])
  })
}

resource "aws_iam_role" "pipeline" {
  name                 = "${var.name}-pipeline"
  permissions_boundary = var.boundary_arn
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "codepipeline.amazonaws.com" }
      Condition = local.ours
    }]
  })
}

resource "aws_iam_role_policy" "pipeline" {
  name = "its-work"
  role = aws_iam_role.pipeline.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.artifacts, local.clone, [
      {
        Sid      = "Build"
        Effect   = "Allow"
        Action   = ["codebuild:BatchGetBuilds", "codebuild:StartBuild"]
        Resource = [for project in aws_codebuild_project.this : project.arn]
      },
      {
        Sid    = "Deploy"
        Effect = "Allow"
        Action = [
          "codedeploy:CreateDeployment", "codedeploy:GetDeployment", "codedeploy:GetApplication",
          "codedeploy:GetApplicationRevision", "codedeploy:RegisterApplicationRevision", "codedeploy:GetDeploymentConfig",
        ]
        Resource = [for kind in ["application:${var.codedeploy.app}", "deploymentgroup:${var.codedeploy.app}/${var.codedeploy.group}", "deploymentconfig:*"] :
          "arn:aws:codedeploy:${var.region}:${data.aws_caller_identity.this.account_id}:${kind}"
        ]
      },
      {
        Sid      = "Register"
        Effect   = "Allow"
        Action   = ["ecs:RegisterTaskDefinition"]
        Resource = local.families
      },
      {
        Sid       = "Hand"
        Effect    = "Allow"
        Action    = ["iam:PassRole"]
        Resource  = [var.execution_role_arn, var.server_role_arn]
        Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
      },
      {
        Sid      = "AskForApproval"
        Effect   = "Allow"
        Action   = ["sns:Publish"]
        Resource = [var.topic_arn]
      },
    ])
  })
}
