variable "name" {
  description = "Of the balancer; target groups are called after it."
  type        = string

  validation {
    condition     = length(var.name) <= 26
    error_message = "At most 26 characters, so that -green fits within 32."
  }
}

variable "vpc_id" {
  description = "The VPC."
  type        = string
}

variable "subnet_ids" {
  description = "Of the public subnets."
  type        = list(string)
}

variable "security_group_id" {
  description = "Who may reach it."
  type        = string
}

variable "certificate_arn" {
  description = "Of ACM, for the host by which clients and CloudFront call it."
  type        = string
}

variable "log_bucket" {
  description = "Where connections are logged."
  type        = string
}

variable "idle_seconds" {
  description = "After so much silence a connection is closed. The server's pings are 25 seconds apart."
  type        = number
  default     = 120

  validation {
    condition     = var.idle_seconds > 50 && var.idle_seconds <= 4000
    error_message = "More than two pings (50 seconds), and at most 4000."
  }
}

variable "drain_seconds" {
  description = "How long what runs may go on at a server that leaves: HEALTHMED_TRANSPORT__DRAIN_SECONDS."
  type        = number
  default     = 10
}

variable "deletion_protection" {
  description = "Refuse to be deleted."
  type        = bool
  default     = true
}
