# A user pool that keeps passwords and second factors, and nothing else (docs/decisions/0030): users are
# named by the ids of accounts, there are no attributes, and nobody signs up but by our server. No mail
# leaves it. A second factor is the user's own choice here; who must have one, the server says.

resource "aws_cognito_user_pool" "this" {
  name                = var.name
  deletion_protection = "ACTIVE"
  mfa_configuration   = "OPTIONAL"
  user_pool_tier      = "ESSENTIALS"

  software_token_mfa_configuration {
    enabled = true
  }

  admin_create_user_config {
    allow_admin_create_user_only = true
  }

  username_configuration {
    case_sensitive = true
  }

  # The rules are the server's: length and a list of common passwords (OWASP ASVS 6.2).
  password_policy {
    minimum_length                   = 8
    require_lowercase                = false
    require_numbers                  = false
    require_symbols                  = false
    require_uppercase                = false
    temporary_password_validity_days = 1
  }

  account_recovery_setting {
    recovery_mechanism {
      name     = "admin_only"
      priority = 1
    }
  }
}

resource "aws_cognito_user_pool_client" "server" {
  name         = "server"
  user_pool_id = aws_cognito_user_pool.this.id

  generate_secret               = true
  explicit_auth_flows           = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
  prevent_user_existence_errors = "ENABLED"
  enable_token_revocation       = true

  access_token_validity  = 10
  id_token_validity      = 10
  refresh_token_validity = 30
  token_validity_units {
    access_token  = "minutes"
    id_token      = "minutes"
    refresh_token = "days"
  }
}

# The one secret that AWS makes and Terraform hands on: it is in the state, which is encrypted.
resource "aws_secretsmanager_secret_version" "client" {
  secret_id     = var.client_secret_arn
  secret_string = aws_cognito_user_pool_client.server.client_secret
}
