output "pool_id" {
  description = "HEALTHMED_COGNITO_POOL_ID."
  value       = aws_cognito_user_pool.this.id
}

output "client_id" {
  description = "HEALTHMED_COGNITO_CLIENT_ID."
  value       = aws_cognito_user_pool_client.server.id
}

output "statement" {
  description = "What a server may do with it: docs/operations.md."
  value = {
    Sid    = "Passwords"
    Effect = "Allow"
    Action = [
      "cognito-idp:AdminCreateUser", "cognito-idp:AdminSetUserPassword", "cognito-idp:AdminInitiateAuth",
      "cognito-idp:AdminRespondToAuthChallenge", "cognito-idp:AdminUserGlobalSignOut", "cognito-idp:AdminDeleteUser",
    ]
    Resource = [aws_cognito_user_pool.this.arn]
  }
}

output "kept" {
  description = "What the tests look at."
  value = {
    mfa       = aws_cognito_user_pool.this.mfa_configuration
    totp      = aws_cognito_user_pool.this.software_token_mfa_configuration[0].enabled
    closed    = aws_cognito_user_pool.this.admin_create_user_config[0].allow_admin_create_user_only
    protected = aws_cognito_user_pool.this.deletion_protection
    flows     = sort(aws_cognito_user_pool_client.server.explicit_auth_flows)
    days      = aws_cognito_user_pool_client.server.refresh_token_validity
  }
}
