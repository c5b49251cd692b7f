#!/bin/sh
# Makes the bucket in which Terraform keeps its state, once for each account: infra/state.sh REGION BUCKET
set -eu
region=$1 bucket=$2
export AWS_REGION="$region" AWS_DEFAULT_REGION="$region" # of the calls below, too
if [ "$region" = us-east-1 ]; then # S3's first region, whose name it does not take
  aws s3api create-bucket --bucket "$bucket"
else
  aws s3api create-bucket --bucket "$bucket" --create-bucket-configuration "LocationConstraint=$region"
fi
aws s3api put-public-access-block --bucket "$bucket" --public-access-block-configuration \
  BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
aws s3api put-bucket-versioning --bucket "$bucket" --versioning-configuration Status=Enabled
aws s3api put-bucket-encryption --bucket "$bucket" --server-side-encryption-configuration \
  '{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms"},"BucketKeyEnabled":true}]}'
aws s3api put-bucket-policy --bucket "$bucket" --policy "{\"Version\":\"2012-10-17\",\"Statement\":[{
  \"Sid\":\"Nothing in plain\",\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",
  \"Resource\":[\"arn:aws:s3:::$bucket\",\"arn:aws:s3:::$bucket/*\"],
  \"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"false\"}}}]}"
echo "terraform init -backend-config=bucket=$bucket -backend-config=region=$region"
