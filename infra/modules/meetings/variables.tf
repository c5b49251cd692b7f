variable "control_region" {
  description = "Where Chime is asked: there is no such place in South America."
  type        = string
  default     = "us-east-1"
}
