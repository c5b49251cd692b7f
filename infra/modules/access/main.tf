# People and roles of the account: administrators prove themselves by a second factor, and no role by which
# anything of ours runs (tasks, builds, deployments, schedules) goes beyond a boundary, whatever its own
# policy says. A role by which a service of Amazon's works for itself (logs, the trail, numbers of RDS, copies,
# backups) runs nothing of ours and has none.

data "aws_caller_identity" "this" {}

resource "aws_iam_account_password_policy" "this" {
  minimum_password_length        = 16
  password_reuse_prevention      = 24
  allow_users_to_change_password = true
  require_lowercase_characters   = true
  require_uppercase_characters   = true
  require_numbers                = true
  require_symbols                = true
  max_password_age               = 90
}

# Who changes things takes this role, with a second factor, for an hour.
resource "aws_iam_role" "administrator" {
  name                 = "${var.name}-administrator"
  max_session_duration = 3600
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.this.account_id}:root" }
      Condition = {
        Bool            = { "aws:MultiFactorAuthPresent" = "true" }
        NumericLessThan = { "aws:MultiFactorAuthAge" = "3600" }
      }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "administrator" {
  #checkov:skip=CKV_AWS_274:somebody has to be able to mend everything: with a second factor, for an hour, and CloudTrail tells
  role       = aws_iam_role.administrator.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

# What even an administrator does not do: not without a second factor, and never to what proves.
resource "aws_iam_policy" "restraint" {
  name        = "${var.name}-restraint"
  description = "Nothing without a second factor; trail, locks and backups stay"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "NothingWithoutASecondFactor"
        Effect    = "Deny"
        NotAction = ["iam:ChangePassword", "iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices", "iam:GetUser", "sts:GetSessionToken"]
        Resource  = "*"
        Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
      },
      {
        Sid    = "WhatProvesStays"
        Effect = "Deny"
        Action = [
          "cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "cloudtrail:PutEventSelectors", "backup:DeleteBackupVault",
          "backup:DeleteRecoveryPoint", "backup:DeleteBackupVaultLockConfiguration", "s3:BypassGovernanceRetention",
          "s3:PutBucketObjectLockConfiguration", "kms:ScheduleKeyDeletion", "kms:DisableKey", "guardduty:DeleteDetector",
        ]
        Resource = "*"
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "restraint" {
  role       = aws_iam_role.administrator.name
  policy_arn = aws_iam_policy.restraint.arn
}

resource "aws_iam_group" "people" {
  name = "${var.name}-people"
}

resource "aws_iam_group_policy" "people" {
  name  = "become-administrator"
  group = aws_iam_group.people.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "sts:AssumeRole"
        Resource = aws_iam_role.administrator.arn
      },
      {
        Effect   = "Allow"
        Action   = ["iam:ChangePassword", "iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices", "iam:GetUser"]
        Resource = ["arn:aws:iam::${data.aws_caller_identity.this.account_id}:user/$${aws:username}", "arn:aws:iam::${data.aws_caller_identity.this.account_id}:mfa/$${aws:username}"]
      },
    ]
  })
}

resource "aws_iam_group_policy_attachment" "people" {
  group      = aws_iam_group.people.name
  policy_arn = aws_iam_policy.restraint.arn
}

# Beyond which no role goes by which anything of ours runs. It gives nothing by itself.
resource "aws_iam_policy" "boundary" {
  #checkov:skip=CKV_AWS_287:a boundary gives nothing; each role's own policy names resources
  #checkov:skip=CKV_AWS_288:a boundary gives nothing; each role's own policy names resources
  #checkov:skip=CKV_AWS_289:a boundary gives nothing; each role's own policy names resources
  #checkov:skip=CKV_AWS_290:a boundary gives nothing; each role's own policy names resources
  #checkov:skip=CKV_AWS_355:a boundary gives nothing; each role's own policy names resources
  #checkov:skip=CKV2_AWS_40:a boundary gives nothing; each role's own policy names resources
  #checkov:skip=CKV_AWS_286:a boundary gives nothing; each role's own policy names resources
  name        = "${var.name}-boundary"
  description = "Beyond which no role goes by which anything of ours runs"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "WhatOursMayHave"
        Effect = "Allow"
        Action = [
          "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObjectVersion", "s3:AbortMultipartUpload",
          "s3:ListBucket", "s3:ListBucketVersions", "s3:GetBucketVersioning", "s3:GetBucketAcl", "s3:GetBucketLocation",
          "kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey", "rds-db:connect", "elasticache:Connect",
          "cognito-idp:AdminCreateUser", "cognito-idp:AdminSetUserPassword", "cognito-idp:AdminInitiateAuth",
          "cognito-idp:AdminRespondToAuthChallenge", "cognito-idp:AdminUserGlobalSignOut", "cognito-idp:AdminDeleteUser",
          "chime:CreateMeeting", "chime:GetMeeting", "chime:CreateAttendee", "chime:DeleteMeeting",
          "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue",
          "logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams",
          "xray:PutTraceSegments", "xray:PutTelemetryRecords",
          "ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage",
          "ecr:PutImage", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:DescribeImages", "ecr:DescribeImageScanFindings",
          "ecs:RunTask", "ecs:DescribeTasks", "ecs:DescribeServices", "ecs:CreateTaskSet", "ecs:UpdateServicePrimaryTaskSet",
          "ecs:DeleteTaskSet", "ecs:RegisterTaskDefinition", "ecs:DescribeTaskDefinition",
          "elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeListeners", "elasticloadbalancing:ModifyListener",
          "elasticloadbalancing:DescribeRules", "elasticloadbalancing:ModifyRule", "cloudwatch:DescribeAlarms",
          "codebuild:BatchGetBuilds", "codebuild:StartBuild", "codebuild:CreateReportGroup", "codebuild:CreateReport",
          "codebuild:UpdateReport", "codebuild:BatchPutTestCases", "codeconnections:UseConnection", "codestar-connections:UseConnection",
          "codedeploy:CreateDeployment", "codedeploy:GetDeployment", "codedeploy:GetApplication", "codedeploy:GetApplicationRevision",
          "codedeploy:RegisterApplicationRevision", "codedeploy:GetDeploymentConfig", "codepipeline:StartPipelineExecution",
          "iam:PassRole", "sqs:SendMessage", "sns:Publish", "inspector2:ListFindings",
        ]
        Resource = "*"
      },
    ]
  })
}

# By which ECS pulls images and hands over secrets, before a container runs.
resource "aws_iam_role" "execution" {
  name                 = "${var.name}-execution"
  permissions_boundary = aws_iam_policy.boundary.arn
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.this.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "execution" {
  name = "start"
  role = aws_iam_role.execution.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # ECR knows no resource for this one.
        Sid      = "SignInToTheRegistry"
        Effect   = "Allow"
        Action   = "ecr:GetAuthorizationToken"
        Resource = "*"
      },
      {
        Sid      = "Pull"
        Effect   = "Allow"
        Action   = ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"]
        Resource = values(var.repository_arns)
      },
      {
        Sid      = "Secrets"
        Effect   = "Allow"
        Action   = "secretsmanager:GetSecretValue"
        Resource = var.secret_arns
      },
      {
        Sid      = "OpenThem"
        Effect   = "Allow"
        Action   = "kms:Decrypt"
        Resource = var.key_arns
      },
      {
        Sid      = "Logs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "arn:aws:logs:${var.region}:${data.aws_caller_identity.this.account_id}:log-group:/${var.name}/*"
      },
    ]
  })
}

# Whether anything of ours can be reached from outside the account.
resource "aws_accessanalyzer_analyzer" "this" {
  analyzer_name = var.name
  type          = "ACCOUNT"
}
