variable "account_id" {
  description = "Of the AWS account. Each environment has its own."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "Twelve digits."
  }
}

variable "domain" {
  description = "Of the page. Passkeys are bound to it for good."
  type        = string
}

variable "zone_id" {
  description = "Of Route 53, which the domain is in."
  type        = string
}

variable "on_duty" {
  description = "E-mail addresses that are told of alarms."
  type        = list(string)
}

variable "source_repository" {
  description = "On GitHub: owner/name."
  type        = string
}

variable "first_image_tag" {
  description = "Of the image that the first task definitions name."
  type        = string
}

variable "links_public_key" {
  description = "PEM of the public half of the secret links-private-key."
  type        = string
}

variable "origin_secret" {
  description = "What CloudFront says to the balancer: 32 characters or more, by TF_VAR_origin_secret."
  type        = string
  sensitive   = true
}

variable "meetings" {
  description = "How doctor and patient see each other: peer or chime."
  type        = string
  default     = "chime" # peer needs a TURN server of the clinic's own
}

variable "registries" {
  description = "Gateways of registries, by kind (cpf, crm)."
  type        = map(string)
  default     = {}
}

variable "signs_papers" {
  description = "Doctors sign papers: then the secret signature-roots is to be filled."
  type        = bool
  default     = false
}
