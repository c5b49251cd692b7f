variable "name" {
  description = "Of the pool."
  type        = string
}

variable "client_secret_arn" {
  description = "Where the app client's secret is kept for the servers."
  type        = string
}
