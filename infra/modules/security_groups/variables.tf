variable "name" {
  description = "What everything is called after."
  type        = string
}

variable "vpc_id" {
  description = "The VPC."
  type        = string
}

variable "cloudfront_prefix_list_id" {
  description = "Amazon's list of the addresses by which CloudFront reaches origins."
  type        = string

  validation {
    condition     = startswith(var.cloudfront_prefix_list_id, "pl-")
    error_message = "The id of a prefix list begins with pl-."
  }
}
